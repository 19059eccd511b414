"""Tasks of the portal, and how the second generation of its methods reads and shows them."""
