"""Networks: their architectures, their weights, and what runs them."""
