"""Leyka, the donations plugin of WordPress, behind leyka-bridge: signatures, answers, the export of its admin."""
