"""Troubles on order: which requests and deliveries meet which one is decided by seed, so that a run can be repeated."""
