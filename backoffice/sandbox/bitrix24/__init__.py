"""A Bitrix24 portal in memory, as its REST interface shows it to an inbound webhook."""
