"""What stands before the last estimator of a pipeline, as columns of the encoder and float64 nodes behind them."""
