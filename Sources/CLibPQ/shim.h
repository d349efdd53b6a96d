#pragma once
#include <libpq-fe.h>

// The field codes are macros of character constants, which Swift imports as none of the integer
// types that PQresultErrorField takes.
static inline const char *caravan_error_sqlstate(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

static inline const char *caravan_error_message(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

static inline const char *caravan_error_detail(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
}

static inline const char *caravan_error_constraint(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}

// The severity that is never translated: FATAL and PANIC end the session.
static inline const char *caravan_error_severity(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
}

// A default notice processor prints to stderr; a library prints nothing. A function pointer from
// here, because one made of a Swift closure would be one more C callback to account for.
static inline void caravan_ignore_notice(void *argument, const PGresult *result) {
  (void)argument;
  (void)result;
}

static inline void caravan_silence(PGconn *connection) {
  PQsetNoticeReceiver(connection, caravan_ignore_notice, NULL);
}

// Swift's Glibc module is built without _GNU_SOURCE and so lacks the name of a thread, by which
// the threads that block in libpq are told apart in a debugger and in `top -H`.
#include <pthread.h>
extern int pthread_setname_np(pthread_t thread, const char *name);
static inline void caravan_name_thread(const char *name) {
  pthread_setname_np(pthread_self(), name);
}
