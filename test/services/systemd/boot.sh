# The first process of a machine that shares this one's kernel: systemd, with the units of this package and nothing else to start.
# Everything is written to memory; nothing of the host changes.
#   boot.sh PACKAGE_ROOT NODE CONSOLE
set -e
root=$1
node=$2
console=$3
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/systemd /run/test
mount --bind "$console" /dev/console
for top in usr etc var; do
  mkdir -p /run/over/$top/upper /run/over/$top/work
  mount -t overlay overlay -o "lowerdir=/$top,upperdir=/run/over/$top/upper,workdir=/run/over/$top/work" /$top
done
mkdir -p /usr/lib/trilog
mount --bind "$root" /usr/lib/trilog
touch /usr/lib/trilog-node
mount --bind "$node" /usr/lib/trilog-node
mount -t tmpfs -o mode=1777 tmpfs /tmp
# The host's own services are not this machine's.
rm -rf /usr/lib/systemd/system-generators /lib/systemd/system-generators /etc/systemd/system
find /usr/lib/systemd/system -name '*.wants' -prune -exec rm -rf {} +
: > /etc/fstab
mkdir -p /etc/systemd/system
printf '[Unit]\nDefaultDependencies=no\n' > /etc/systemd/system/nothing.target
# By this path: a checkout below /tmp cannot be seen any more by its own.
cp /usr/lib/trilog/packaging/systemd/*.service /etc/systemd/system/
printf '#!/bin/sh\nexec /usr/lib/trilog-node /usr/lib/trilog/dist/src/main.js "$@"\n' > /usr/bin/trilog
chmod 755 /usr/bin/trilog
echo 'trilog:x:64990:64990::/nonexistent:/usr/sbin/nologin' >> /etc/passwd
echo 'trilog:x:64990:' >> /etc/group
mkdir -p /etc/trilog
install -d -m 2750 -g adm /var/log/nova
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=nothing.target --log-target=console --log-level=info --show-status=no
