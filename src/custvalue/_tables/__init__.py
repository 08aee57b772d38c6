"""The one door for tables of any size: anything that holds rows becomes an Ibis table."""
