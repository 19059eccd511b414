"""The outside world in a box: Bitrix24 and Timepad for the demo and the tests. Imports nothing of ours."""
