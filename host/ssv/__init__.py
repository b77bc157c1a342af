"""The field's own C interface, SSV, SGD and GALSS: declarations, C sources, the server behind them."""
