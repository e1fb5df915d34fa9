"""A database's schema as text, so that two can be compared object by object."""

from __future__ import annotations

from tests.fixtures.postgres import Owner, owner_of

_OBJECTS = """
WITH ours AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname IN ('es', 'auth', 'work', 'analytics')
)
SELECT 'schema ' || nspname AS name, coalesce(nspacl::text, '') AS body
FROM pg_namespace JOIN ours USING (oid, nspname)
UNION ALL
SELECT 'table ' || c.oid::regclass, concat_ws(
    ' ', c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions::text, c.relacl::text
)
FROM pg_class AS c JOIN ours ON ours.oid = c.relnamespace
UNION ALL
SELECT 'column ' || a.attrelid::regclass || '.' || a.attname, concat_ws(
    ' ', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage, a.attacl::text,
    a.attstattarget, pg_get_expr(d.adbin, d.adrelid)
)
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN ours ON ours.oid = c.relnamespace
LEFT JOIN pg_attrdef AS d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
WHERE a.attnum > 0
UNION ALL
SELECT 'constraint ' || c.conrelid::regclass || ' ' || c.conname, pg_get_constraintdef(c.oid)
FROM pg_constraint AS c JOIN ours ON ours.oid = c.connamespace
UNION ALL
SELECT 'index ' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN ours ON ours.oid = c.relnamespace
UNION ALL
SELECT 'function ' || p.oid::regprocedure, concat_ws(' ', p.proacl::text, pg_get_functiondef(p.oid))
FROM pg_proc AS p JOIN ours ON ours.oid = p.pronamespace
UNION ALL
SELECT 'trigger ' || t.tgrelid::regclass || ' ' || t.tgname, pg_get_triggerdef(t.oid)
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
JOIN ours ON ours.oid = c.relnamespace WHERE NOT t.tgisinternal
UNION ALL
SELECT 'policy ' || p.polrelid::regclass || ' ' || p.polname, concat_ws(
    ' ', p.polcmd, p.polpermissive, p.polroles::regrole[]::text,
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
)
FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid
JOIN ours ON ours.oid = c.relnamespace
"""

_TENANT_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY 1
"""


async def objects(url: str) -> dict[str, str]:
    """Every object of our schemas by name, with all of its definition."""
    async with owner_of(url) as connection:
        rows = await connection.fetch(_OBJECTS)
    return {row["name"]: row["body"] for row in rows}


async def tenant_tables(connection: Owner) -> list[str]:
    """Every table with a column ``tenant``, by its full name."""
    return [row[0] for row in await connection.fetch(_TENANT_TABLES)]
