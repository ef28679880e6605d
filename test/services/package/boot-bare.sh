# The first process of a machine whose system is a bare Debian, unpacked to memory: systemd, with nothing else to start.
#   boot-bare.sh ROOT_TAR CONSOLE
set -e
archive=$1
console=$2
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /mnt
tar --extract --file "$archive" --directory /mnt --numeric-owner
for kernel in dev proc sys; do mount --rbind /$kernel /mnt/$kernel; done
mount --bind "$console" /mnt/dev/console
mount -t tmpfs -o mode=755 tmpfs /mnt/run
mkdir /mnt/run/lock /mnt/host
rm -rf /mnt/usr/lib/systemd/system-generators
find /mnt/usr/lib/systemd/system /mnt/etc/systemd/system -path '*.wants/*' -delete
: > /mnt/etc/fstab
printf '[Unit]\nDefaultDependencies=no\n' > /mnt/usr/lib/systemd/system/nothing.target
cd /mnt
pivot_root . host
cd /
umount --lazy /host
rmdir /host
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=nothing.target --log-target=console --log-level=info --show-status=no
