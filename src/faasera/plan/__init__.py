"""From a policy to a plan: a value that can be printed and run."""
