"""What the benchmarks share: the machine, load from a process of its own, limits measured in the same run."""
