"""How many factors: what each criterion computes."""
