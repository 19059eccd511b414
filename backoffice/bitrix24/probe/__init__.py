"""Trying on a real portal what its documents leave open. Everything made for it is removed by `things.remove`."""
