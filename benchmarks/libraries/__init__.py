"""One module a library; each has the functions below and VERSION.

fit(model, x, t_x, T, seed) gives a dict of parameters; predict(params, x, t_x, T, horizon) gives
P(alive) and the expected purchases under BG/NBD; value(params, spend_params, x, t_x, T, spend,
horizon, months, monthly_rate) gives the value of the months ahead too; the summaries give a frame
indexed by customer with the columns frequency, recency, T (in weeks, purchases collapsed by day)
and monetary_value; at_points(model, columns) gives log_likelihood, probability_alive,
expected_purchases and expected_purchases_new at points that have parameters of their own, NaN
where an error is raised. Models are named as in custvalue.
"""
