"""Fan-out of the log to whoever follows it. Nothing here is needed to keep a message.

Brokers may lose or repeat anything: their consumers go by position and mend holes from the store.
"""
