"""The commercial catalogue: products, their variations (offers), their properties and the values in them."""
