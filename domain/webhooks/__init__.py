"""Webhooks: telling a customer's servers what happens in conversations, in order, until they know.

What is due is rows, written by a follower of the log (``projections/webhooks``). Here are the rules
of sending: what is sent, how it is signed, when it is tried again, and in which order. HTTP, rows
and time come by ports.
"""
