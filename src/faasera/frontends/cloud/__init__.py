"""Faasera in cloud functions: one handler, and thin adapters for AWS Lambda, Google Cloud and Azure."""
