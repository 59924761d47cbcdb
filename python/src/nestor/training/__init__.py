"""Training behind the API: functions that can be asked for, and the runner that runs them."""
