"""`slo-report init`: a slo.yaml to start from, proposed from a log."""
