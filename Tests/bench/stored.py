"""Transactions by the million: copies of one that Caravan wrote itself, whatever its layout."""

# A transaction's own row, and rows of its own elsewhere where the layout has such.
TABLES = (("transaction", "id"), ("branch", "transaction_id"))


def copy(postgres, source, count, **changes):
    """Copies a transaction `count` times under ids of their own; `changes` are SQL for columns of
    the transaction, in which `i` counts the copies."""
    for table, key in TABLES:
        columns = [
            name for (name,) in postgres.sql(
                "select column_name from information_schema.columns where table_schema ="
                f" 'caravan' and table_name = '{table}' and is_generated = 'NEVER'")
        ]
        if not columns:
            continue
        values = {name: f"t.{name}" for name in columns}
        if table == "transaction":
            values |= changes
        # In no order, as the ids of callers are.
        values[key] = "md5(i::text)"
        postgres.sql(
            f"insert into caravan.{table} ({', '.join(values)})"
            f" select {', '.join(values.values())} from caravan.{table} t,"
            f" generate_series(1, {count}) i where t.{key} = '{source}'")


def settle(postgres):
    """What follows finds everything vacuumed, analysed and on the disk."""
    postgres.sql("vacuum (analyze)")
    postgres.sql("checkpoint")
