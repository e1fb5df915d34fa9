"""Analytics: facts about conversations, visits and goals, and the reports that count them."""
