"""All SQL of profile. Rows go in and out in batches; keys are sorted so that two batches never wait crosswise."""
