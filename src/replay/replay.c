/* replay.c: the page, as bundle.py made it, inside of the program; see redactfs/replay.h. */
#include "redactfs/replay.h"

#ifdef REDACTFS_REPLAY

#include "page.h"

/* C17 has no #embed */
__asm__(".section .rodata\n"
	".hidden replay_page_bytes, replay_page_end\n"
	".global replay_page_bytes, replay_page_end\n"
	"replay_page_bytes:\n"
	".incbin \"" REPLAY_PAGE "\"\n"
	"replay_page_end:\n"
	".byte 0\n"
	".previous\n");

extern const uint8_t replay_page_bytes[], replay_page_end[];

const uint8_t *replay_page(size_t *ret_len)
{
	*ret_len = (size_t)(replay_page_end - replay_page_bytes);
	return replay_page_bytes;
}

#else

const uint8_t *replay_page(size_t *ret_len)
{
	*ret_len = 0;
	return NULL;
}

#endif
