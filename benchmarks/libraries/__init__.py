"""One module a library; each has fit, predict, summary_frame, summary_parquet and VERSION.

fit(x, t_x, T) gives a dict of parameters; predict(params, x, t_x, T, horizon) gives P(alive) and
the expected purchases; the summaries give a frame indexed by customer with the columns frequency,
recency, T (in weeks, purchases collapsed by day) and monetary_value.
"""
