/* notify.h: tells the service manager how we are (sd_notify(3)'s protocol, without its library).
 *
 * Each returns 1 when the message was sent, 0 when nobody wants one (NOTIFY_SOCKET isn't set), or
 * -errno. A failure is never a reason to stop. Thread-safe as long as nobody changes the
 * environment. */
#ifndef REDACTFS_NOTIFY_H
#define REDACTFS_NOTIFY_H

/* The mount answers: what waits for us may go on. */
int notify_ready(void);
/* A line for people ("erasing 3 of 4096"); a newline in it ends it. */
int notify_status(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int notify_stopping(void);

#endif
