"""What is said about outcomes: the verdict and the JSON of an outcome."""
