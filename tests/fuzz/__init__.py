"""What hostile input may do, said once as functions of bytes: property tests and the fuzzer call the same ones."""
