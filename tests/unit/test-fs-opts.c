/* test-fs-opts.c: the options of a mount, one at a time and in lists. */
#include "redactfs/fs.h"
#include "redactfs/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void defaults(void **state)
{
	struct fs_opts o;
	size_t n;
	(void)state;

	fs_opts_init(&o);
	assert_int_equal(o.uid, getuid());
	assert_int_equal(o.gid, getgid());
	assert_int_equal(o.fmask, 0133);
	assert_int_equal(o.dmask, 0022);
	assert_int_equal(o.views, replay_page(&n) ? FS_VIEW_ALL : FS_VIEW_EVENTS | FS_VIEW_SESSION);
	assert_false(o.read_only || o.allow_other || o.direct_io || o.reveal || o.foreground);
	assert_int_equal(o.erase, FS_ERASE_SYNC);
	assert_string_equal(o.as, "");
}

static void each_is_taken(void **state)
{
	struct fs_opts o;
	struct errinfo e = {0};
	(void)state;

	fs_opts_init(&o);
	assert_int_equal(fs_opts_parse(&o,
				       "ro,allow_other,default_permissions,direct_io,uid=1000,"
				       "gid=100,fmask=0137,dmask=27,views=session,cache=64M,"
				       "erase=sync,as=dpo@example.com,"
				       "passphrase_file=/run/a\\,b",
				       &e),
			 0);
	assert_true(o.read_only && o.allow_other && o.direct_io);
	assert_int_equal(o.uid, 1000);
	assert_int_equal(o.gid, 100);
	assert_int_equal(o.fmask, 0137);
	assert_int_equal(o.dmask, 027);
	assert_int_equal(o.views, FS_VIEW_SESSION);
	assert_int_equal(o.cache_bytes, 64u << 20);
	assert_string_equal(o.as, "dpo@example.com");
	assert_string_equal(o.passphrase_file, "/run/a,b");

	assert_int_equal(fs_opts_parse(&o, "rw,views=events+session,cache=3,erase=intent", &e), 0);
	assert_false(o.read_only);
	assert_int_equal(o.views, FS_VIEW_EVENTS | FS_VIEW_SESSION);
	assert_int_equal(o.cache_bytes, 3);
	assert_int_equal(fs_opts_parse(&o, "cache=1T", &e), 0);
	assert_int_equal(o.cache_bytes, 1ull << 40);
	assert_int_equal(fs_opts_parse(&o, "cache=0", &e), 0);
	assert_int_equal(o.cache_bytes, 1); /* not the default */
	assert_int_equal(o.erase, FS_ERASE_INTENT);
}

static void others_are_let_pass(void **state)
{
	struct fs_opts o, was;
	struct errinfo e = {0};
	(void)state;

	fs_opts_init(&o);
	was = o;
	assert_int_equal(fs_opts_parse(&o,
				       "defaults,noauto,,nofail,_netdev,x-systemd.automount,"
				       "comment=backup,user,nodev,noatime,"
				       "strictatime,mand,nosymfollow,lazytime,noiversion",
				       &e),
			 0);
	assert_int_equal(fs_opts_parse(&o, "", &e), 0);
	assert_memory_equal(&o, &was, sizeof(o));
	assert_int_equal(e.code, 0);
}

static void wrong_ones_are_named(void **state)
{
	static const struct {
		const char *list, *says;
	} cases[] = {
		{"direct-io", "unknown mount option 'direct-io'"},
		{"ro,nonsense=1,rw", "unknown mount option 'nonsense'"},
		{"auto_unmount", "unknown mount option 'auto_unmount'"},
		{"direct_io=1", "option 'direct_io' takes no value"},
		{"uid", "option 'uid' needs a value: uid=N"},
		{"uid=", "option 'uid' needs a number"},
		{"uid=-1", "option 'uid' needs a number"},
		{"uid=4294967295", "option 'uid' needs a number"},
		{"gid=12x", "option 'gid' needs a number"},
		{"fmask=8", "option 'fmask' needs an octal number up to 777"},
		{"dmask=1000", "option 'dmask' needs an octal number up to 777"},
		{"views=", "option 'views' knows no view ''"},
		{"views=events+", "option 'views' knows no view ''"},
		{"views=events+movie", "option 'views' knows no view 'movie'"},
		{"erase=never", "option 'erase' can only be 'sync' or 'intent'"},
		{"cache=1Q", "option 'cache' needs a size such as 64M, 1T at most"},
		{"cache=1025G", "option 'cache' needs a size such as 64M, 1T at most"},
		{"cache=2T", "option 'cache' needs a size such as 64M, 1T at most"},
		{"cache=99999999999999999999",
		 "option 'cache' needs a size such as 64M, 1T at most"},
		{"as=", "option 'as' needs an operator's e-mail address"},
		{"passphrase_file=", "option 'passphrase_file' needs a path"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fs_opts o;
		struct errinfo e = {0};

		fs_opts_init(&o);
		assert_int_equal(fs_opts_parse(&o, cases[i].list, &e), -EINVAL);
		assert_string_equal(e.msg, cases[i].says);
	}
}

static void too_long_is_refused(void **state)
{
	static char list[3 * PATH_MAX];
	struct fs_opts o;
	struct errinfo e = {0};
	(void)state;

	memset(list, 'a', sizeof(list) - 1);
	fs_opts_init(&o);
	assert_int_equal(fs_opts_parse(&o, list, &e), -EINVAL);
	memcpy(list, "as=", 3);
	list[400] = 0;
	e = (struct errinfo){0};
	assert_int_equal(fs_opts_parse(&o, list, &e), -EINVAL);
	assert_string_equal(o.as, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(each_is_taken),
		cmocka_unit_test(others_are_let_pass),
		cmocka_unit_test(wrong_ones_are_named),
		cmocka_unit_test(too_long_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
