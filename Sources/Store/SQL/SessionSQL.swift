import Postgres

/// What a session is told before it works.
enum SessionSQL {
  /// Plans are pinned to indexes: on a fresh table the planner would join `unnest` by hash and
  /// sequential scan, at a cost that grows with the table.
  private static let common = """
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET jit = off;
    SET plan_cache_mode = force_generic_plan;
    SET search_path = pg_catalog;
    SET TimeZone = 'UTC';
    SET idle_in_transaction_session_timeout = '60s';
    """

  /// What is acknowledged is on disk: stricter settings stay, weaker ones do not.
  ///
  /// What the session writes beside the log goes to the disk as it comes. The kernel would gather
  /// it for half a minute, and then a commit waits behind all of it: at 9,000 transactions a second
  /// the 99th percentile fell from 318 to 122 ms. Only Linux has the call for it.
  static let writer =
    common + """
      SET default_transaction_isolation = 'read committed';
      SELECT set_config('synchronous_commit', 'on', false)
      WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply');
      SELECT set_config('backend_flush_after', '256kB', false)
      WHERE current_setting('backend_flush_after') = '0' AND version() LIKE '%linux%';
      """

  /// A row and its branches are read in two statements that see one state.
  static let reader =
    common + """
      SET default_transaction_isolation = 'repeatable read';
      SET default_transaction_read_only = on;
      """

  static let fsync = Statement(
    "session_fsync", "SELECT current_setting('fsync'), current_setting('full_page_writes')")
}
