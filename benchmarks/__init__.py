"""Problems x libraries, one process each: objectives must agree before times count."""
