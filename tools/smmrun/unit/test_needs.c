/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/unit/unit.h"

#include "tools/smmrun/needs.h"

static void expect_wrong(const char *words, const char *why)
{
    struct needs n;
    char *error = needs_parse(&n, words);

    assert_contains(error, why);
    free(error);
    needs_free(&n);
}

static void test_defaults(void **state)
{
    struct needs n;

    (void)state;
    assert_null(needs_parse(&n, ""));
    assert_int_equal(n.smp, 1);
    assert_int_equal(n.maxcpus, 1);
    assert_int_equal(n.sockets * n.dies * n.cores * n.threads, 1);
    assert_int_equal(n.mem, 256);
    assert_int_equal(n.timeout, 20);
    assert_int_equal(n.icount, 0);
    assert_false(n.one_thread);
    assert_int_equal(n.flash, 0);
    assert_int_equal(n.smm, NEED_SMM_ON);
    assert_int_equal(n.firmware, NEED_FIRMWARE_ANY);
    assert_false(n.vga);
    assert_false(n.own_boot);
    assert_null(n.cpu);
    assert_null(n.type);
    needs_free(&n);
}

static void test_words(void **state)
{
    struct needs n;

    (void)state;
    assert_null(needs_parse(
        &n, " smp=3  maxcpus=12 sockets=2 threads=3 cores=2 mem=512 cpu=max,+x "
            "vga=std smm=any firmware=virgin accel=tcg,kvm arch=i386 "
            "machine>=pc-q35-5.2 machine<pc-q35-6.0 qemu>=5.0 qemu<11.1.2 "
            "global=mch.x=1 global=a.b=c=d device=e1000,id=n host=plug,wait "
            "boot=own timeout=40 icount=6 thread=single flash=64 group=a group=b arg=fast"));
    assert_int_equal(n.maxcpus, 12);
    assert_int_equal(n.sockets, 2);
    assert_int_equal(n.threads, 3);
    assert_string_equal(n.cpu, "max,+x");
    assert_true(n.vga && n.own_boot);
    assert_int_equal(n.smm, NEED_SMM_ANY);
    assert_int_equal(n.firmware, NEED_FIRMWARE_VIRGIN);
    assert_int_equal(n.accels.n, 2);
    assert_string_equal(n.accels.item[1], "kvm");
    assert_true(n.machine.has_min && n.machine.has_max);
    assert_int_equal(n.qemu.max.part[2], 2);
    assert_int_equal(n.globals.n, 2);
    assert_string_equal(n.globals.item[1], "a.b=c=d");
    assert_string_equal(n.devices.item[0], "e1000,id=n");
    assert_true(strings_have(&n.hosts, "wait"));
    assert_true(strings_have(&n.groups, "b"));
    assert_string_equal(n.args.item[0], "fast");
    assert_int_equal(n.timeout, 40);
    assert_int_equal(n.icount, 6);
    assert_true(n.one_thread);
    assert_int_equal(n.flash, 64);
    needs_free(&n);
    /* Cores follow from the rest. */
    assert_null(needs_parse(&n, "smp=2 maxcpus=8 sockets=2"));
    assert_int_equal(n.cores, 4);
    needs_free(&n);
}

static void test_wrong(void **state)
{
    (void)state;
    expect_wrong("smp=2 frobnicate", "\"frobnicate\"");
    expect_wrong("smp", "\"smp\"");
    expect_wrong("smp=", "\"smp=\"");
    expect_wrong("smp=0", "\"smp=0\"");
    expect_wrong("smp=two", "\"smp=two\"");
    expect_wrong("smp=5000", "\"smp=5000\"");
    expect_wrong("smm=maybe", "smm=maybe");
    expect_wrong("icount=0", "\"icount=0\"");
    expect_wrong("icount=11", "\"icount=11\"");
    expect_wrong("flash=5000", "\"flash=5000\"");
    expect_wrong("flash=6", "flash=6 is not a multiple of 4 KiB");
    expect_wrong("firmware=coreboot", "firmware=coreboot");
    expect_wrong("vga=cirrus", "vga=cirrus");
    expect_wrong("boot=shared", "boot=shared");
    expect_wrong("global=", "global=");
    expect_wrong("machine>=q35", "machine>=q35");
    expect_wrong("machine>pc-q35-5.2", "machine>pc-q35-5.2");
    expect_wrong("qemu>=new", "qemu>=new");
    expect_wrong("qemu<6.0x", "qemu<6.0x");
    expect_wrong("smp=4 maxcpus=2", "less than smp=4");
    expect_wrong("smp=4 sockets=3", "are not maxcpus=4");
    expect_wrong("maxcpus=6 sockets=2 cores=2", "are not maxcpus=6");
}

static char *unmet(const char *words, const struct offer *offer)
{
    struct needs n;
    char *reason;

    assert_null(needs_parse(&n, words));
    reason = needs_unmet(&n, offer);
    needs_free(&n);
    return reason;
}

static void expect_unmet(const char *words, const struct offer *offer, const char *why)
{
    char *reason = unmet(words, offer);

    assert_contains(reason, why);
    free(reason);
}

/* A test of one machine type runs on it where QEMU has it and the user named no other. */
static void test_type(void **state)
{
    char *names[] = {"pc-q35-5.2", "pc-q35-7.2"};
    struct strings types = {.item = names, .n = 2};
    struct offer o = {.arch = "x86_64",
                      .accel = "tcg",
                      .machine = "pc-q35-7.2",
                      .types = &types,
                      .qemu = {{7, 2, 22}},
                      .smm = true};
    struct needs n;

    (void)state;
    assert_null(needs_parse(&n, "machine=pc-q35-5.2"));
    assert_string_equal(n.type, "pc-q35-5.2");
    assert_false(n.machine.has_min || n.machine.has_max);
    needs_free(&n);
    expect_wrong("machine=q35", "machine=q35");
    expect_wrong("machine=pc-q35-", "machine=pc-q35-");
    assert_null(unmet("machine=pc-q35-5.2", &o));
    assert_null(unmet("machine=pc-q35-5.2 machine<pc-q35-6.0", &o));
    expect_unmet("machine=pc-q35-5.2 machine>=pc-q35-6.0", &o, "this is pc-q35-5.2");
    expect_unmet("machine=pc-q35-2.8", &o, "needs machine=pc-q35-2.8, which this QEMU does not");
    o.chosen = true;
    assert_null(unmet("machine=pc-q35-7.2", &o));
    expect_unmet("machine=pc-q35-5.2", &o, "needs machine=pc-q35-5.2, this is pc-q35-7.2");
}

static void test_unmet(void **state)
{
    struct offer o = {.arch = "x86_64",
                      .accel = "tcg",
                      .machine = "pc-q35-5.2",
                      .qemu = {{7, 2, 22}},
                      .smm = true,
                      .qboot = true};

    (void)state;
    assert_null(unmet("", &o));
    assert_null(unmet("firmware=virgin arch=x86_64 accel=kvm,tcg", &o));
    assert_null(unmet("machine>=pc-q35-5.2 machine<pc-q35-6.0 qemu>=7.2 qemu<7.3", &o));
    expect_unmet("arch=i386", &o, "needs arch=i386, this is x86_64");
    expect_unmet("accel=kvm", &o, "needs accel=kvm, this is tcg");
    expect_unmet("machine<pc-q35-5.2", &o, "needs machine<pc-q35-5.2, this is pc-q35-5.2");
    expect_unmet("machine>=pc-q35-6.0", &o, "needs machine>=pc-q35-6.0");
    expect_unmet("qemu>=9.2", &o, "needs qemu>=9.2, this is 7.2.22");
    expect_unmet("qemu<7.2", &o, "needs qemu<7.2");
    o.machine = "pc-q35-2.10";
    assert_null(unmet("machine>=pc-q35-2.9", &o));
    o.machine = "pc-q35-rhel9.4.0";
    assert_null(unmet("machine>=pc-q35-9.0", &o));
    expect_unmet("machine<pc-q35-6.0", &o, "pc-q35-rhel9.4.0");
    o.qboot = false;
    expect_unmet("firmware=virgin", &o, "qboot.rom");
    expect_unmet("flash=64", &o, "needs flash=64, and qboot.rom is not");
    o.smm = false;
    o.accel = "kvm";
    o.smm_reason = "no SMM in this hypervisor";
    expect_unmet("", &o, "needs SMM, and kvm has none (no SMM in this hypervisor); use ACCEL=tcg");
    assert_null(unmet("smm=off", &o));
    expect_unmet("smm=off icount=6", &o, "needs icount=6, which accelerator kvm does not have");
    assert_null(unmet("smm=any", &o));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_words), cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_type),     cmocka_unit_test(test_unmet),
    };

    return RUN(tests);
}
