"""A supervised child process: limits held from outside, nothing left behind; knows nothing of the suite."""
