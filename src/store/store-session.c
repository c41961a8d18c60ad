/* store-session.c: opening sessions' rows. */
#include "store-priv.h"

int store_session_open(struct store *s, struct aead *a, const struct catalog_session *cs,
		       struct session_meta *ret, uint8_t key[KEY_BYTES])
{
	uint8_t data_key[KEY_BYTES];
	int r = store_key_get(s, cs->kid, data_key);

	if (r == 0)
		r = session_meta_open(a, data_key, cs, ret);
	if (r == 0 && key)
		memcpy(key, data_key, sizeof(data_key));
	wipe(data_key, sizeof(data_key));
	return r;
}

int store_session_site(struct catalog_conn *c, uint64_t day_id, struct catalog_day *ret_day,
		       struct catalog_site *ret_site)
{
	int r = catalog_day_get(c, day_id, ret_day);

	if (r == 0)
		r = catalog_site_get(c, ret_day->site_id, ret_site);
	return r == -ENOENT ? -EUCLEAN : r;
}
