"""Transactions by the million: copies of one that Caravan wrote itself, whatever its layout."""


def copy(postgres, source, count, **changes):
    """Copies a transaction `count` times under ids of their own; `changes` are SQL for its columns,
    in which `i` counts the copies."""
    columns = [
        name for (name,) in postgres.sql(
            "select column_name from information_schema.columns where table_schema = 'caravan'"
            " and table_name = 'transaction' and is_generated = 'NEVER'")
    ]
    # In no order, as the ids of callers are.
    values = {name: f"t.{name}" for name in columns} | {"id": "md5(i::text)"} | changes
    postgres.sql(
        f"insert into caravan.transaction ({', '.join(values)}) select {', '.join(values.values())}"
        f" from caravan.transaction t, generate_series(1, {count}) i where t.id = '{source}'")


def settle(postgres):
    """What follows finds everything vacuumed, analysed and on the disk."""
    postgres.sql("vacuum (analyze)")
    postgres.sql("checkpoint")
