/* view.c: the table of views; see view.h. */
#include "view.h"

#include <string.h>

static const struct view *const views[] = {&view_events, &view_session, &view_transcript,
					   &view_replay};
#define VIEWS (sizeof(views) / sizeof(views[0]))

const struct view *view_at(const struct fs *fs, unsigned i)
{
	for (unsigned k = 0; k < VIEWS; k++)
		if ((fs->o->views & views[k]->bit) && !i--)
			return views[k];
	return NULL;
}

const struct view *view_of_kind(const struct fs *fs, enum ino_kind kind)
{
	for (unsigned k = 0; k < VIEWS; k++)
		if (views[k]->kind == kind)
			return fs->o->views & views[k]->bit ? views[k] : NULL;
	return NULL;
}

const struct view *view_named(const struct fs *fs, const char *name)
{
	for (unsigned k = 0; k < VIEWS; k++)
		if (!strcmp(views[k]->name, name))
			return fs->o->views & views[k]->bit ? views[k] : NULL;
	return NULL;
}

int view_allowed(const struct fs *fs, const struct session_row *row)
{
	switch (row->state) {
	case SESSION_LIVE:
	case SESSION_HELD:
		return 0;
	case SESSION_RESTRICTED:
		return fs->o->reveal ? 0 : -EACCES;
	case SESSION_DAMAGED:
		return -EBADMSG;
	case SESSION_ERASING:
		break;
	}
	return -ENOKEY;
}
