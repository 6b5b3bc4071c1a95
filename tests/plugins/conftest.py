"""A package of plug-ins: only processes that have this folder on their path know them, so no test imports it here."""

collect_ignore_glob = ["faasera_plugins/*"]
