"""Rebuilds: the next generation of read models, made beside a running product or a stopped one."""
