/* text.h: a small file that is made whole when it is opened: session.json, the control files. */
#ifndef REDACTFS_SRC_FS_TEXT_H
#define REDACTFS_SRC_FS_TEXT_H

#include "redactfs/buf.h"
#include "view.h"

/* Takes the bytes over; `b` is empty afterwards, also on failure (-ENOMEM). */
int text_open(struct buf *b, void **ret_file);
extern const struct file_ops text_ops;

#endif
