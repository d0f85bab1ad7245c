/**
 * How QEMU opens the disks of a virtual machine, in libvirt's words. io=native needs cache=none: the guest's fsync reaches the
 * drive, nothing is cached twice. https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
 */
export const diskDriver = { type: "raw", cache: "none", io: "native", discard: "unmap" } as const;
