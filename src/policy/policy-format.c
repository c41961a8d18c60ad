/* policy-format.c: writes a policy as the INI text that reads back as the same policy. */
#include "redactfs/policy.h"

#include "policy-keys.h"

static const char *disposition_name(enum redact_class c, enum disposition d)
{
	if (d == DISP_DROP)
		return c == CLASS_FORM ? "off" : "drop";
	return d == DISP_SEAL ? "seal" : "show";
}

static int list(struct buf *out, const char *key, const char *selectors)
{
	return selectors ? buf_addf(out, "%s = %s\n", key, selectors) : 0;
}

static int site(const struct policy *p, struct buf *out)
{
	int r = buf_addf(out, "[site]\ntimezone = %s\n", p->timezone);

	if (r >= 0 && p->retention_days)
		r = buf_addf(out, "retention = %ud\n", p->retention_days);
	else if (r >= 0)
		r = buf_adds(out, "retention = forever\n");
	if (r >= 0 && p->controller[0])
		r = buf_addf(out, "controller = %s\n", p->controller);
	return r;
}

static int record(const struct policy *p, struct buf *out)
{
	int r = buf_addf(
		out, "\n[record]\n; passwords, cards, cvcs, otps: always dropped\n%s = %s\n",
		policy_plural(CLASS_FORM), disposition_name(CLASS_FORM, p->disp[CLASS_FORM]));

	for (int i = 1; i < CLASS_COUNT && r >= 0; i++) {
		enum redact_class c = (enum redact_class)i;

		if (!class_always_dropped(c) && c != CLASS_FORM)
			r = buf_addf(out, "%s = %s\n", policy_plural(c),
				     disposition_name(c, p->disp[c]));
	}
	if (r >= 0)
		r = buf_addf(out, "images = %s\ncanvas = %s\n", p->drop_images ? "drop" : "keep",
			     p->drop_canvas ? "drop" : "keep");
	return r;
}

static int detect(const struct policy *p, struct buf *out)
{
	int r = buf_adds(out, "\n[detect]\n");

	for (int i = 1; i < CLASS_COUNT && r >= 0; i++) {
		uint64_t all = detectors_of((enum redact_class)i);

		if (!all || (all & DETECTORS_ALWAYS))
			continue;
		r = buf_addf(out, "%s = %s\n", policy_plural((enum redact_class)i),
			     p->detect & all ? "on" : "off");
		/* each of several by its own name, which says more than the line above */
		for (int d = 1; (all & (all - 1)) && d < DETECTOR_COUNT && r >= 0; d++) {
			if (all >> d & 1)
				r = buf_addf(out, "%s = %s\n", detector_name((enum detector)d),
					     p->detect >> d & 1 ? "on" : "off");
		}
	}
	return r;
}

int policy_format(const struct policy *p, struct buf *out)
{
	int r = site(p, out);

	if (r >= 0)
		r = record(p, out);
	if (r >= 0)
		r = detect(p, out);
	if (r >= 0 && (p->block || p->mask || p->unmask))
		r = buf_adds(out, "\n[select]\n");
	if (r >= 0)
		r = list(out, "block", p->block);
	if (r >= 0)
		r = list(out, "mask", p->mask);
	return r < 0 ? r : list(out, "unmask", p->unmask);
}
