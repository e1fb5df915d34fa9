count(*) AS reached,
count(f.conversation) AS credited
