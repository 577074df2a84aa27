"""All of Prefect and Dask; nothing else in the house imports them."""
