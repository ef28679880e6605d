/**
 * Lines with secrets, as OpenStack's services, their libraries and what runs beside them print them. Every value is invented for this file.
 */
export interface SecretLine {
  readonly line: string;
  /** Passwords, tokens, keys: not even without a vocabulary may these leave. */
  readonly secrets: readonly string[];
  /** Names of persons, hosts and projects, addresses, ids, paths: must not leave with a vocabulary. */
  readonly names?: readonly string[];
  /** Secrets that read as any word does and stand where nothing tells them: only a vocabulary keeps these. */
  readonly plain?: readonly string[];
}

const NOVA = '2026-03-02 10:11:12.123 7 ERROR nova.compute.manager [req-5b1f6c0e-9a51-4a7e-8a58-3e3a9d1f2c4b - - - - -]';
const KEYSTONE = '2026-03-02 10:11:12.456 23 WARNING keystone.common.wsgi [-]';
const CINDER = '2026-03-02 10:11:13.001 41 ERROR cinder.volume.manager [-]';
const NEUTRON = '2026-03-02 10:11:14.002 52 ERROR neutron.agent.linux.utils [-]';
const DEBUG = '2026-03-02 10:11:14.777 52 DEBUG oslo_service.service [-]';
const IRONIC = '2026-03-02 10:11:15.003 61 ERROR ironic.drivers.modules.ipmitool [-]';
const HEAT = '2026-03-02 10:11:16.004 71 INFO heat.engine.resource [-]';
const SYSLOG = 'Mar  2 10:11:12 ctl-zebulon';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtYXJnb3QifQ.c2lnbmF0dXJlLW9mLW5vYm9keQ';
const FERNET = 'gAAAAABmQ7k1vTnRwYb3ZsXhLqPdKfJtGmWcUoEiAyNrBvCxZ-4Hs_2DpQ9MlKjTgFw0SeRzYuI==';

export const SECRET_LINES: readonly SecretLine[] = [
  // Connection URLs
  {
    line: `${NOVA} AMQP server on rabbit://openstack:moonpebble@ctl-zebulon:5672 is unreachable: [Errno 111] ECONNREFUSED. Trying again in 1 seconds.`,
    secrets: ['moonpebble'],
    names: ['zebulon'],
  },
  {
    line: `${DEBUG} transport_url = rabbit://openstack:Wq7%40xT%2Fk9@10.20.30.41:5672,openstack:Wq7%40xT%2Fk9@10.20.30.42:5672//`,
    secrets: ['Wq7', 'xT%2Fk9'],
    names: ['10.20.30.41', '10.20.30.42'],
  },
  {
    line: `${NOVA} DB exception wrapped.: sqlalchemy.exc.OperationalError: (pymysql.err.OperationalError) (2003, "Can't connect to MySQL server on 'db-ottoline'") mysql+pymysql://nova:lanternfish@db-ottoline/nova?charset=utf8`,
    secrets: ['lanternfish'],
    names: ['ottoline'],
  },
  {
    line: `${KEYSTONE} Could not parse rfc1738 URL from string 'mysql+pymysql://keystone:tulipwater@[fd00::1c]/keystone;'`,
    secrets: ['tulipwater'],
    names: ['fd00::1c'],
  },
  { line: `${KEYSTONE} Could not parse rfc1738 URL from string 'mysql:/keystone:tulipwater@dbhost'`, secrets: ['tulipwater'] },
  {
    line: `${CINDER} Failed to open memcached://:gooseberry@cache-ottoline:11211 (timed out)`,
    secrets: ['gooseberry'],
    names: ['ottoline'],
  },
  {
    line: '2026-03-02 10:11:12.123 7 INFO oslo.messaging._drivers.impl_rabbit [-] [3f1f6c0e-9a51-4a7e-8a58-3e3a9d1f2c4b] Reconnected to AMQP server on amqp://guestling:brambleberry@10.1.2.3:5671/vh via [amqp] client',
    secrets: ['brambleberry'],
    names: ['guestling', '10.1.2.3'],
  },
  {
    line: `${CINDER} Error connecting to redis sentinel redis://:fernwhistle@sentinel-a.corp.zebulon.net:26379?sentinel=mymaster`,
    secrets: ['fernwhistle'],
    names: ['zebulon', 'sentinel-a'],
  },
  {
    line: `${SYSLOG} etcd3gw[311]: dialing https://root:larkspur!@etcd-1.zebulon.net:2379 failed`,
    secrets: ['larkspur'],
    names: ['zebulon'],
  },
  {
    line: `${HEAT} Cloning https://margaret:ghp_a8Kq3vXw0PzLm5RtYb7NcUe2JdFs9H@git.zebulon.net/templates.git`,
    secrets: ['ghp_a8Kq3vXw0PzLm5RtYb7NcUe2JdFs9H'],
    names: ['margaret', 'zebulon'],
  },
  {
    line: `${CINDER} Invalid location swift+http://tenantx%3Amargaret:plumtree@auth.zebulon.net/v1/container/obj`,
    secrets: ['plumtree'],
    names: ['margaret', 'tenantx'],
  },
  {
    line: `${NOVA} proxy http://proxyuser:p'wned@proxy.zebulon.net:3128 refused the connection`,
    secrets: ['wned'],
    names: ['zebulon', 'proxyuser'],
  },

  // Fernet, PKI and other tokens, and the headers that carry them
  { line: `${KEYSTONE} Could not recognize Fernet token: ${FERNET}`, secrets: ['gAAAAABmQ7k1', 'BvCxZ-4Hs_2DpQ9MlKjTgFw0SeRzYuI'] },
  { line: `${KEYSTONE} This is not a recognized Fernet token ${FERNET}`, secrets: ['gAAAAABmQ7k1', 'BvCxZ-4Hs_2DpQ9MlKjTgFw0SeRzYuI'] },
  {
    line: `2026-03-02 10:11:12.123 7 DEBUG keystoneauth.session [-] REQ: curl -g -i -X GET http://10.0.0.11:5000/v3/auth/tokens -H "Accept: application/json" -H "User-Agent: python-novaclient" -H "X-Auth-Token: ${FERNET}" -H "X-Subject-Token: {SHA256}9f2c1b7a4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8"`,
    secrets: ['gAAAAABmQ7k1', '9f2c1b7a4d5e6f70'],
    names: ['10.0.0.11'],
  },
  {
    line: '2026-03-02 10:11:12.123 7 DEBUG keystoneclient.session [-] REQ: curl -g -i --insecure -X POST https://identity.zebulon.net/v3/auth/tokens -d \'{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "margaret", "password": "violetstorm"}}}}}\'',
    secrets: ['violetstorm'],
    names: ['margaret', 'zebulon'],
  },
  { line: `${NOVA} Rejecting request with X-Auth-Token: sparrowhill`, secrets: ['sparrowhill'] },
  { line: `${NOVA} X-Service-Token=4b825dc642cb6eb9a060e54bf8d69288 is not authorized`, secrets: ['4b825dc642cb6eb9'] },
  {
    line: `${KEYSTONE} Authorization failed. Token abcdwxyzq belongs to another project from 192.0.2.7`,
    secrets: ['abcdwxyzq'],
    names: ['192.0.2.7'],
  },
  {
    line: `${NOVA} console token 'willowbrook' for instance 5e7fa6ee-4592-4502-869f-9833be84cdaf is invalid or has expired`,
    secrets: ['willowbrook'],
    names: ['5e7fa6ee'],
  },
  {
    line: '10.3.4.5 - - [02/Mar/2026 10:11:12] "GET /vnc_auto.html?path=%3Ftoken%3D7a1b3c5d-0e2f-4a6b-8c9d-1e3f5a7b9c0d HTTP/1.1" 200 -',
    secrets: ['7a1b3c5d-0e2f-4a6b'],
    names: ['10.3.4.5'],
  },
  { line: `${NOVA} Authorization: Bearer ${JWT}`, secrets: [JWT, 'eyJhbGci', 'c2lnbmF0dXJl'] },
  {
    line: `${NOVA} Request headers: {'Authorization': 'Basic bWFyZ2FyZXQ6c3VubnlkYXk=', 'Accept': '*/*'}`,
    secrets: ['bWFyZ2FyZXQ6c3VubnlkYXk'],
  },
  { line: `${NOVA} sending Authorization: Basic bWFyZ2FyZXRzdW5ueWRheQ to vCenter`, secrets: ['bWFyZ2FyZXRzdW5ueWRheQ'] },
  {
    line: `${NOVA} 401 from registry, sent Authorization: Digest username="margaret", realm="zebulon", nonce="dcd98b7102dd2f0e", uri="/v2/", response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9"`,
    secrets: ['dcd98b7102dd2f0e', '6629fae49393a053', '5ccc069c403ebaf9'],
    names: ['margaret', 'zebulon'],
  },
  { line: `${NOVA} negotiate challenge: Authorization: Negotiate YIIJvwYGKwYBBQUCoIIJszCCCa`, secrets: ['YIIJvwYGKwYBBQUCoIIJszCCCa'] },
  { line: `${HEAT} Bearer thistledown was refused by the webhook`, secrets: ['thistledown'] },
  { line: `${HEAT} OAuth access_token=applecartwheel&refresh_token=pearwagon&expires_in=3600`, secrets: ['applecartwheel', 'pearwagon'] },
  { line: '2026-03-02 10:11:12.123 7 INFO octavia.api.common.utils [-] id_token: hazelnutgrove, scope openid', secrets: ['hazelnutgrove'] },
  { line: `${SYSLOG} consul[812]: agent: acl token "c0ffee12-dead-4bee-8bad-f00dcafe1234" lacks permission`, secrets: ['c0ffee12-dead'] },
  { line: `${SYSLOG} vault[99]: unsealed with token hvs.CAESIJq8vXw2PzLm5RtYb7NcUeK3JdFs`, secrets: ['CAESIJq8vXw2PzLm5RtYb7NcUeK3JdFs'] },

  // Passwords as words
  { line: `${NOVA} password: sunshine`, secrets: ['sunshine'] },
  { line: `${NOVA} Login with pw correcthorse failed`, secrets: ['correcthorse'] },
  { line: `${NOVA} Login of user margaret failed with password bluemoon`, secrets: ['bluemoon'], names: ['margaret'] },
  { line: `${NOVA} password is 'two white swans' for root`, secrets: ['two white swans', 'swans'] },
  { line: `${NOVA} Injecting admin password "glass, of water" into the image`, secrets: ['glass, of water', 'of water'] },
  { line: `${NOVA} the password of margaret was set to elderflower`, secrets: [], names: ['margaret'], plain: ['elderflower'] },
  { line: `${NOVA} password was changed to elderflower`, secrets: ['elderflower'] },
  { line: `${NOVA} New password -> elderflower (user margaret)`, secrets: ['elderflower'], names: ['margaret'] },
  { line: `${NOVA} adminPass=NightOwlInTheBarn, server margaret-web-01`, secrets: ['NightOwlInTheBarn', 'NightOwl'], names: ['margaret'] },
  { line: `${NOVA} Setting root passwd to "primrosepath"`, secrets: ['primrosepath'] },
  { line: `${NOVA} os_password=cherrystone.`, secrets: ['cherrystone'] },
  { line: `${NOVA} password='cherrystone';`, secrets: ['cherrystone'] },
  { line: `${NOVA} (password: cherrystone)`, secrets: ['cherrystone'] },
  { line: `${NOVA} passphrase [cherrystone] does not unlock the volume`, secrets: ['cherrystone'] },
  { line: `${NOVA} password => cherrystone, user => margaret`, secrets: ['cherrystone'], names: ['margaret'] },
  { line: `${NOVA} Invalid credentials margaret/cherrystone`, secrets: ['cherrystone'], names: ['margaret'] },
  { line: `${NOVA} Invalid credentials: margaret / cherrystone`, secrets: [], plain: ['cherrystone'], names: ['margaret'] },
  { line: `${NOVA} Passwort: Löwenzahn, Benutzer: Käthe`, secrets: ['Löwenzahn', 'wenzahn', 'Käthe'] },
  { line: `${NOVA} пароль: подсолнух, password: подсолнух`, secrets: ['подсолнух', 'пароль'] },
  { line: `${NOVA} password=密码本子 rejected`, secrets: ['密码本子'] },
  { line: `${NOVA} mot de passe pour margaret: coquelicot`, secrets: [], plain: ['coquelicot'], names: ['margaret'] },
  { line: `${NOVA} contraseña: girasol`, secrets: [], plain: ['girasol'] },
  { line: `${NOVA} password=%73un%66lower`, secrets: ['%73un%66lower', 'lower'] },
  { line: `${NOVA} password=ab$cloudberry|marsh\`mallow`, secrets: ['cloudberry', 'marsh', 'mallow'] },
  { line: `${NOVA} secret=horse!battery?staple#9`, secrets: ['horse', 'battery', 'staple'] },
  { line: String.raw`${NOVA} password="say \"mulberry\" twice" refused`, secrets: ['mulberry', 'twice'] },
  { line: `${NOVA} password=\u202ederf\u202cwinter`, secrets: ['derf', 'winter'] },
  { line: `${NOVA} Password for user 'margaret': not accepted: foxglove`, secrets: [], plain: ['foxglove'], names: ['margaret'] },
  { line: `${NOVA} Authentication failed for margaret (foxglove)`, secrets: [], plain: ['foxglove'], names: ['margaret'] },
  {
    line: `${NOVA} sudo: margaret : TTY=pts/0 ; PWD=/home/margaret ; USER=root ; COMMAND=/bin/login -p foxglove`,
    secrets: ['foxglove'],
    names: ['margaret'],
  },

  // Structures
  {
    line: `${NOVA} Body: {"server": {"name": "margaret-vm", "adminPass": "juniperberry", "metadata": {"db_password": "rosehip"}}}`,
    secrets: ['juniperberry', 'rosehip'],
    names: ['margaret'],
  },
  {
    line: `${CINDER} connection_info: {'auth_method': 'CHAP', 'auth_username': 'Jk2vQ', 'auth_password': 'snowdrop', 'target_iqn': 'iqn.2010-10.org.openstack:volume-1'}`,
    secrets: ['snowdrop', 'Jk2vQ'],
  },
  {
    line: `${CINDER} data={u'auth_password': u'snowdrop', u'secret_uuid': u'457eb676-33da-42ec-9a8c-9293d545c337'}`,
    secrets: ['snowdrop', '457eb676'],
  },
  {
    line: `${CINDER} Got ConnectionInfo(auth_password='snowdrop', auth_username=margaret, hosts=ceph-ottoline)`,
    secrets: ['snowdrop'],
    names: ['margaret', 'ottoline'],
  },
  { line: `${CINDER} OrderedDict([('user', 'margaret'), ('password', 'snowdrop')])`, secrets: ['snowdrop'], names: ['margaret'] },
  { line: `${CINDER} <Credentials user=margaret password=snowdrop>`, secrets: ['snowdrop'], names: ['margaret'] },
  { line: `${CINDER} <password>snowdrop</password><login>margaret</login>`, secrets: ['snowdrop'], names: ['margaret'] },
  { line: `${CINDER} params: password=snowdrop&user=margaret&action=login`, secrets: ['snowdrop'], names: ['margaret'] },
  { line: `${CINDER} b'password=snowdrop'`, secrets: ['snowdrop'] },
  {
    line: `${KEYSTONE} RBAC: Invalid token in {'is_admin': False, 'auth_token': 'buttercup', 'user_id': 'f3c1', 'project_id': '9d2e'}`,
    secrets: ['buttercup'],
    names: ['f3c1', '9d2e'],
  },
  {
    line: `${SYSLOG} kolla-toolbox: changed: [localhost] => {"ansible_facts": {}, "database_password": "buttercup", "changed": true}`,
    secrets: ['buttercup'],
    names: ['zebulon'],
  },
  {
    line: '{"message": "Failed to log in with password hollyhock", "asctime": "2026-03-02 10:11:12", "name": "nova.api", "msg": "Failed", "args": [], "levelname": "ERROR", "levelno": 40, "pathname": "/usr/lib/nova/api.py", "filename": "api.py", "module": "api", "lineno": 3, "funcname": "f", "created": 1772446272.1, "msecs": 1, "relative_created": 1, "thread": 1, "thread_name": "m", "process_name": "M", "process": 7, "traceback": null, "hostname": "ctl-zebulon", "error_summary": "", "context": {}, "extra": {}}',
    secrets: ['hollyhock'],
    names: ['zebulon'],
  },

  // Command lines
  { line: `${NEUTRON} Running command: mysql -uroot -phunterhill -e 'SHOW STATUS' failed`, secrets: [], plain: ['hunterhill'] },
  { line: `${NEUTRON} Running command: mysqldump -u backupper -p nightjar nova`, secrets: ['nightjar', 'backupper'] },
  {
    line: `${NEUTRON} Running command: sshpass -p nightjar ssh margaret@10.9.8.7 uptime`,
    secrets: ['nightjar'],
    names: ['margaret', '10.9.8.7'],
  },
  { line: `${NEUTRON} Exit code: 1; Cmd: ['mysqladmin', '--password=nightjar', 'ping']`, secrets: ['nightjar'] },
  {
    line: `${NEUTRON} Cmd: openstack --os-username margaret --os-password nightjar --os-auth-url http://10.0.0.5:5000/v3 server list`,
    secrets: ['nightjar'],
    names: ['margaret', '10.0.0.5'],
  },
  {
    line: `${NEUTRON} docker run -e MYSQL_ROOT_PASSWORD=nightjar -e KEYSTONE_TOKEN=owlhouse kolla/mariadb`,
    secrets: ['nightjar', 'owlhouse'],
  },
  { line: `${NEUTRON} export OS_PASSWORD='night jar' OS_USERNAME=margaret`, secrets: ['night jar'], names: ['margaret'] },
  { line: `${NEUTRON} curl -k -u margaret:nightjar https://10.0.0.5/redfish/v1`, secrets: ['nightjar', 'margaret'], names: ['10.0.0.5'] },
  { line: `${NEUTRON} curl --user "margaret:nightjar" https://10.0.0.5/redfish/v1`, secrets: [], plain: ['nightjar'], names: ['margaret'] },
  {
    line: `${NEUTRON} wget --http-password=nightjar --http-user=margaret http://mirror.zebulon.net/`,
    secrets: ['nightjar'],
    names: ['margaret', 'zebulon'],
  },
  {
    line: `${IRONIC} IPMI Error while attempting "ipmitool -I lanplus -H 10.7.7.7 -L ADMINISTRATOR -U margaret -P goldfinch power status" for node 1be26c0b`,
    secrets: ['goldfinch', 'margaret'],
    names: ['10.7.7.7', '1be26c0b'],
  },
  {
    line: `${IRONIC} ipmitool -I lanplus -H bmc-ottoline -U margaret -v -R 12 -N 5 -f /tmp/tmpHgoldfinch power on`,
    secrets: [],
    names: ['ottoline', 'goldfinch'],
  },
  {
    line: `${IRONIC} driver_info: ipmi_username=margaret ipmi_password=goldfinch ipmi_address=10.7.7.7`,
    secrets: ['goldfinch'],
    names: ['margaret', '10.7.7.7'],
  },
  { line: `${IRONIC} redfish_password goldfinch is not accepted by https://10.7.7.7`, secrets: ['goldfinch'], names: ['10.7.7.7'] },
  {
    line: `${IRONIC} snmp_community = finchpublic, snmp_auth_key=finchauth, snmp_priv_key: finchpriv`,
    secrets: ['finchpublic', 'finchauth', 'finchpriv'],
  },
  { line: `${IRONIC} snmpwalk -v 2c -c finchpublic 10.7.7.7 failed`, secrets: ['finchpublic'], names: ['10.7.7.7'] },
  { line: `${IRONIC} SNMP community finchpublic not accepted`, secrets: ['finchpublic'] },
  { line: `${NEUTRON} ldapsearch -x -D cn=margaret,dc=zebulon,dc=net -w nightjar`, secrets: ['nightjar'], names: ['margaret', 'zebulon'] },
  { line: `${NEUTRON} redis-cli -a nightjar ping`, secrets: [], plain: ['nightjar'] },
  { line: `${NEUTRON} htpasswd -b -c /etc/htpasswd.margaret margaret nightjar`, secrets: [], plain: ['nightjar'], names: ['margaret'] },
  { line: `${NEUTRON} echo nightjar | sudo -S systemctl restart nova-compute`, secrets: [], plain: ['nightjar'] },
  { line: `${NEUTRON} openssl rsa -passin pass:nightjar -in /home/margaret/key.pem`, secrets: ['nightjar'], names: ['margaret'] },
  { line: `${NEUTRON} chpasswd: margaret:nightjar`, secrets: ['nightjar'], names: ['margaret'] },

  // Ceph, iSCSI, storage arrays
  { line: `${CINDER} [client.cinder] key = AQBm3kRk1vTnRxAAwYb3ZsXhLqPdKfJtGmWcUo==`, secrets: ['AQBm3kRk1vTnRxAA', 'wYb3ZsXhLqPdKfJt'] },
  { line: `${CINDER} rbd: --key AQBmkRkvTnRxAAwYbZsXhLqPdKfJtGmWcUo== is wrong`, secrets: ['AQBmkRkvTnRxAAwYbZsXhLqPdKfJtGmWcUo'] },
  { line: `${CINDER} keyring=/etc/ceph/ceph.client.margaret.keyring secret=linnetlinnet`, secrets: ['linnetlinnet'], names: ['margaret'] },
  {
    line: `${CINDER} iscsiadm -m node -T iqn.2010-10.org.openstack:volume-7 -p 10.4.4.4:3260 --op update -n node.session.auth.password -v linnetlinnet`,
    secrets: [],
    plain: ['linnetlinnet'],
    names: ['10.4.4.4'],
  },
  { line: `${CINDER} CHAP secret "linnetlinnet" is too short, chap_username=margaret`, secrets: ['linnetlinnet'], names: ['margaret'] },
  { line: `${CINDER} incoming_user margaret linnetlinnet`, secrets: [], plain: ['linnetlinnet'], names: ['margaret'] },
  { line: `${CINDER} san_login=margaret san_password=linnet123 san_ip=10.4.4.4`, secrets: ['linnet123'], names: ['margaret', '10.4.4.4'] },
  { line: `${CINDER} NetApp API failed, netapp_password: 'linnet 123'`, secrets: ['linnet 123'] },
  {
    line: `${CINDER} dm-crypt passphrase linnetlinnet did not open /dev/disk/by-id/margaret`,
    secrets: ['linnetlinnet'],
    names: ['margaret'],
  },
  { line: `${CINDER} luks key 6c696e6e65746c696e6e6574 of volume`, secrets: ['6c696e6e65746c69'] },
  { line: `${CINDER} encryption key linnetlinnet is gone`, secrets: ['linnetlinnet'] },

  // Object storage
  {
    line: 'proxy-server: 10.8.8.8 10.8.8.9 02/Mar/2026/10/11/12 GET /v1/AUTH_9d2e8f1c/photos/margaret.jpg%3Ftemp_url_sig%3Dda39a3ee5e6b4b0d3255bfef95601890afd80709%26temp_url_expires%3D1772446272 HTTP/1.0 200 - - - - - - - - 0.01 - - 1 2 -',
    secrets: ['da39a3ee5e6b4b0d'],
    names: ['10.8.8.8', 'margaret', '9d2e8f1c'],
  },
  {
    line: `${HEAT} Signal URL https://heat.zebulon.net:8000/v1/signal/arn%3Aopenstack?Timestamp=2026&SignatureMethod=HmacSHA256&AWSAccessKeyId=0f2d4c6b8a&SignatureVersion=2&Signature=nUthatchNUTHATCH%3D`,
    secrets: ['nUthatch', '0f2d4c6b8a'],
    names: ['zebulon'],
  },
  {
    line: `${HEAT} Signature=nuthatchnuthatch does not match, AWSAccessKeyId=AKIAQ7XWNUTHATCH3F2K`,
    secrets: ['nuthatchnuthatch', 'AKIAQ7XWNUTHATCH3F2K'],
  },
  {
    line: `${SYSLOG} swift[1]: Authorization: AWS4-HMAC-SHA256 Credential=AKIAQ7XWNUTHATCH3F2K/20260302/region/s3/aws4_request, SignedHeaders=host, Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024`,
    secrets: ['AKIAQ7XW', 'fe5f80f77d5fa3be'],
  },
  {
    line: `${SYSLOG} swift[1]: Authorization: AWS nuthatchid:frJIUNqBYZDzZEuNwTQnNA=`,
    secrets: ['frJIUNqBYZDzZEuNwTQnNA'],
    plain: ['nuthatchid'],
  },
  {
    line: `${HEAT} aws_access_key_id = AKIAQ7XWNUTHATCH3F2K, aws_secret_access_key = nuT/haTchwJalrXUtnFEMIbPxRfiCY`,
    secrets: ['AKIAQ7XW', 'haTchwJalrXUtnFEMIbPxRfiCY'],
  },
  { line: `${HEAT} s3_store_secret_key=nuthatchnest`, secrets: ['nuthatchnest'] },
  { line: `${HEAT} X-Account-Meta-Temp-URL-Key: nuthatchnest`, secrets: ['nuthatchnest'] },
  { line: `${HEAT} X-Amz-Security-Token: nuthatchnest`, secrets: ['nuthatchnest'] },

  // Keys and certificates
  {
    line: `${KEYSTONE} cannot load key: -----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAwhinchatWhinchatWHINCHATwh\ninchatAbCdEfGhIjKlMnOpQrStUvWxYz0123456789\n-----END RSA PRIVATE KEY-----`,
    secrets: ['MIIEpAIBAAKCAQEA', 'inchatAbCdEfGh', 'WHINCHAT'],
  },
  {
    line: String.raw`${KEYSTONE} private_key: "-----BEGIN PRIVATE KEY-----\nMIIEvwhinchatQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"`,
    secrets: ['MIIEvwhinchatQIBADANBgkqhkiG9w0BAQEFAASC', 'whinchat'],
  },
  {
    line: `2026-03-02 10:11:12.123 7 INFO octavia.certificates.manager [-] Storing certificate -----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEwhinchatDQYJKoZIhvcN\nAQELBQAw`,
    secrets: ['MIIDdzCCAl', 'AgIEwhinchat', 'AQELBQAw'],
  },
  {
    line: `${NOVA} Importing keypair: ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCwhinchat+Qz/9Lk= margaret@ottoline`,
    secrets: ['AAAAB3NzaC1yc2E', 'whinchat'],
    names: ['margaret', 'ottoline'],
  },
  { line: `${NOVA} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIwhinchat margaret`, secrets: ['AAAAC3Nza'], names: ['margaret'] },
  {
    line: `${SYSLOG} sshd[2211]: Accepted publickey for margaret from 10.66.0.2 port 51000 ssh2: ED25519 SHA256:qWhinchatK0zv7r8Jt3yXb1mNpLfGhRdSaEoUiTcVw`,
    secrets: ['qWhinchatK0zv7r8'],
    names: ['margaret', '10.66.0.2', 'zebulon'],
  },
  {
    line: `2026-03-02 10:11:12.123 7 ERROR barbican.plugin.crypto.simple_crypto [-] kek whinchatwhinchat is not 32 bytes`,
    secrets: [],
    plain: ['whinchatwhinchat'],
  },
  {
    line: `2026-03-02 10:11:12.123 7 ERROR barbican.api.controllers [-] Secret payload: 'whin chat', content type text/plain`,
    secrets: [],
    plain: ['whin'],
  },
  {
    line: `2026-03-02 10:11:12.123 7 ERROR neutron_vpnaas.services.vpn [-] psk=whinchatwhinchat for peer 203.0.113.9`,
    secrets: ['whinchatwhinchat'],
    names: ['203.0.113.9'],
  },
  {
    line: `${SYSLOG} charon[77]: 10[CFG] loaded IKE secret for 203.0.113.9: whinchatwhinchat`,
    secrets: [],
    plain: ['whinchatwhinchat'],
    names: ['203.0.113.9'],
  },
  {
    line: `2026-03-02 10:11:12.123 7 INFO designate.backend [-] rndc-key { algorithm hmac-md5; secret "d2hpbmNoYXQ="; };`,
    secrets: ['d2hpbmNoYXQ'],
  },
  {
    line: `2026-03-02 10:11:12.123 7 INFO designate.api [-] tsigkey: name=whinzone, secret=SomeWhinSecret==`,
    secrets: ['SomeWhinSecret', 'WhinSecret'],
    names: ['whinzone'],
  },

  // Cookies, sessions
  {
    line: `2026-03-02 10:11:12.123 7 WARNING horizon.middleware [-] Cookie: sessionid=puffinpuffin; csrftoken=skuaskua; theme=dark`,
    secrets: ['puffinpuffin', 'skuaskua'],
  },
  {
    line: `2026-03-02 10:11:12.123 7 WARNING horizon.middleware [-] Set-Cookie: sessionid=puffinpuffin; Path=/; HttpOnly`,
    secrets: ['puffinpuffin'],
  },
  {
    line: `2026-03-02 10:11:12.123 7 WARNING openstack_auth.forms [-] Login failed for user "margaret" using domain "Zebulon", remote address 198.51.100.4.`,
    secrets: [],
    names: ['margaret', 'zebulon', '198.51.100.4'],
  },
  {
    line: `2026-03-02 10:11:12.123 7 WARNING oslo_vmware.api [-] vmware_soap_session="puffin-52c1-puffin"; Path=/sdk`,
    secrets: ['puffin-52c1'],
    plain: [],
  },
  {
    line: `2026-03-02 10:11:12.123 7 WARNING oslo_vmware.api [-] Error logging into vCenter 10.5.5.5 as margaret with password: puffinpuffin: InvalidLogin`,
    secrets: ['puffinpuffin'],
    names: ['margaret', '10.5.5.5'],
  },

  // LDAP, mail, federation
  {
    line: `${KEYSTONE} LDAP bind: who=cn=margaret,ou=People,dc=zebulon,dc=net cred=razorbill`,
    secrets: [],
    plain: ['razorbill'],
    names: ['margaret', 'zebulon'],
  },
  {
    line: `${KEYSTONE} simple_bind: dn=uid=margaret,dc=zebulon password=razorbill`,
    secrets: ['razorbill'],
    names: ['margaret', 'zebulon'],
  },
  { line: `${KEYSTONE} ldap.INVALID_CREDENTIALS: {'desc': 'Invalid credentials', 'info': 'razorbill'}`, secrets: ['razorbill'] },
  { line: `${KEYSTONE} Mail to margaret.hale@zebulon.example could not be delivered`, secrets: [], names: ['margaret', 'hale', 'zebulon'] },
  {
    line: `${KEYSTONE} SAML assertion for "Margaret Hale" <margaret@zebulon.net> is expired`,
    secrets: [],
    names: ['margaret', 'hale', 'zebulon'],
  },
  { line: `${KEYSTONE} client_secret=razorbill for oidc client zebulon-web`, secrets: ['razorbill'], names: ['zebulon'] },
  { line: `${KEYSTONE} TOTP passcode 492817 for user margaret was used twice`, secrets: ['492817'], names: ['margaret'] },
  { line: `${KEYSTONE} Could not find user: margaret.`, secrets: [], names: ['margaret'] },
  { line: `${KEYSTONE} Could not find project: zebulon-prod, domain ottoline`, secrets: [], names: ['zebulon', 'ottoline'] },
  {
    line: `${KEYSTONE} Authorization failed. The request you have made requires authentication. from 203.0.113.77`,
    secrets: [],
    names: ['203.0.113.77'],
  },
  { line: `${KEYSTONE} Password hash $2b$12$razorbillrazorbillrazorOk9xYz.QwErTyUiOp is too old`, secrets: ['razorbillrazorbill'] },
  {
    line: `${KEYSTONE} Application credential secret kittiwake rejected for 9d2e8f1c0b3a49d2e8f1c0b3a4d5e6f7`,
    secrets: ['kittiwake'],
    names: ['9d2e8f1c'],
  },
  { line: `${KEYSTONE} EC2 access key kittiwake: signature mismatch, secret: guillemot`, secrets: ['kittiwake', 'guillemot'] },
  { line: `${KEYSTONE} Trust of margaret to joachim by 7c3e, impersonation on`, secrets: [], names: ['margaret', 'joachim', '7c3e'] },

  // What runs beside
  {
    line: `2026-03-02 10:11:12.123 [error] <0.812.0> Error on AMQP connection <0.812.0> (10.2.2.2:51234 -> 10.2.2.3:5672, state: starting):\nPLAIN login refused: user 'margaret' - invalid credentials`,
    secrets: [],
    names: ['margaret', '10.2.2.2'],
  },
  {
    line: `2026-03-02 10:11:12.123 [info] <0.5.0> Created user 'margaret' with password_hash <<"turnstoneTURNSTONE==">>`,
    secrets: ['turnstone'],
    names: ['margaret'],
  },
  {
    line: `2026-03-02 10:11:12 12 [Warning] Access denied for user 'margaret'@'db-ottoline' (using password: YES)`,
    secrets: [],
    names: ['margaret', 'ottoline'],
  },
  { line: `2026-03-02 10:11:12 12 [Note] WSREP: wsrep_sst_auth = margaret:turnstone`, secrets: ['turnstone', 'margaret'] },
  {
    line: `2026-03-02 10:11:12 12 [ERROR] CREATE USER 'margaret'@'%' IDENTIFIED BY 'turn stone'`,
    secrets: ['turn stone'],
    names: ['margaret'],
  },
  {
    line: `${SYSLOG} haproxy[31]: 10.2.2.2:51234 [02/Mar/2026:10:11:12.123] keystone~ keystone/ctl-ottoline 0/0/1/22/23 401 213 - - ---- 1/1/0/0/0 0/0 {Bearer turnstone} "GET /v3?token=turnstone HTTP/1.1"`,
    secrets: ['turnstone'],
    names: ['ottoline', '10.2.2.2'],
  },
  { line: `${SYSLOG} haproxy[31]: stats auth margaret:turnstone is in clear text`, secrets: [], plain: ['turnstone'], names: ['margaret'] },
  {
    line: `2026-03-02 10:11:12.123+0000: 812: error : virNetSASLSessionServerStep:112 : authentication failed for margaret@ZEBULON.NET with turnstone`,
    secrets: [],
    plain: ['turnstone'],
    names: ['margaret', 'zebulon'],
  },
  {
    line: `2026-03-02 10:11:12.123+0000: 812: error : qemuMonitorJSONCommand:412 : internal error: {"execute":"set_password","arguments":{"protocol":"vnc","password":"turnstone"}}`,
    secrets: ['turnstone'],
  },
  { line: `<graphics type='vnc' port='-1' passwd='turnstone' listen='10.2.2.2'/>`, secrets: ['turnstone'], names: ['10.2.2.2'] },
  { line: `${SYSLOG} kernel: usb 1-1: SerialNumber: TURNSTONEX9, margaret's phone`, secrets: [], names: ['turnstone', 'margaret'] },
  {
    line: `${SYSLOG} sshd[811]: Failed password for invalid user margaret from 10.2.2.2 port 22 ssh2`,
    secrets: [],
    names: ['margaret', '10.2.2.2'],
  },
  {
    line: `${SYSLOG} su: pam_unix(su:auth): authentication failure; logname=margaret uid=1000 ruser=margaret user=joachim`,
    secrets: [],
    names: ['margaret', 'joachim'],
  },
  {
    line: `${SYSLOG} wpa_supplicant[9]: psk "turn stone pass" for ssid ottoline`,
    secrets: ['turn stone pass', 'stone'],
    names: ['ottoline'],
  },
  { line: `${SYSLOG} keepalived[9]: auth_pass turnstone in vrrp_instance ottoline`, secrets: ['turnstone'], names: ['ottoline'] },
  { line: `${SYSLOG} grafana: smtp password: "turnstone", user: "margaret"`, secrets: ['turnstone'], names: ['margaret'] },
  { line: `${NOVA} Instance files in /home/margaret/.ssh/id_rsa and C:\\Users\\margaret\\secret.txt`, secrets: [], names: ['margaret'] },
  {
    line: `${NOVA} host compute-ottoline.zebulon.net (10.2.2.2, fa:16:3e:aa:bb:cc) of project 9d2e8f1c0b3a49d2e8f1c0b3a4d5e6f7 is down`,
    secrets: [],
    names: ['ottoline', 'zebulon', '10.2.2.2', 'fa:16:3e', '9d2e8f1c'],
  },

  // Exceptions, in the message and behind it
  {
    line: `${NOVA} Exception during message handling: keystoneauth1.exceptions.http.Unauthorized: Bad password dunlin for margaret (HTTP 401)`,
    secrets: ['dunlin'],
    names: ['margaret'],
  },
  {
    line: [
      '2026-03-02 10:11:12.123 7 ERROR oslo_messaging.rpc.server [-] Exception during message handling',
      '2026-03-02 10:11:12.123 7 ERROR oslo_messaging.rpc.server Traceback (most recent call last):',
      '2026-03-02 10:11:12.123 7 ERROR oslo_messaging.rpc.server   File "/home/margaret/nova/db.py", line 7, in connect',
      "2026-03-02 10:11:12.123 7 ERROR oslo_messaging.rpc.server     login('margaret', 'dunlin')",
      "2026-03-02 10:11:12.123 7 ERROR oslo_messaging.rpc.server pymysql.err.OperationalError: (1045, \"Access denied for user 'margaret'@'10.2.2.2' with password dunlin\")",
    ].join('\n'),
    secrets: ['dunlin'],
    names: ['margaret', '10.2.2.2'],
  },
  {
    line: [
      '2026-03-02 10:11:12.123 7 ERROR nova.compute.manager [-] [instance: 5e7fa6ee-4592-4502-869f-9833be84cdaf] Build failed',
      '2026-03-02 10:11:12.123 7 ERROR nova.compute.manager Traceback (most recent call last):',
      '2026-03-02 10:11:12.123 7 ERROR nova.compute.manager   File "x.py", line 7, in f',
      '2026-03-02 10:11:12.123 7 ERROR nova.compute.manager ValueError: {"password": "dunlin", "user": "margaret"}: token=sanderling',
    ].join('\n'),
    secrets: ['dunlin', 'sanderling'],
    names: ['margaret', '5e7fa6ee'],
  },
  {
    line: [
      '2026-03-02 10:11:12.123 7 ERROR cinder.cmd.volume [-] Volume service failed',
      '2026-03-02 10:11:12.123 7 ERROR cinder.cmd.volume Traceback (most recent call last):',
      '2026-03-02 10:11:12.123 7 ERROR cinder.cmd.volume   File "x.py", line 7, in f',
      '2026-03-02 10:11:12.123 7 ERROR cinder.cmd.volume ZebulonBillingError: account margaret owes, api_key: sanderling',
    ].join('\n'),
    secrets: ['sanderling'],
    names: ['margaret', 'zebulon'],
  },
  {
    line: `2026-03-02 10:11:12.123 7 ERROR zebulon.billing.exporter [-] Unexpected error: KeyError: 'sanderling'`,
    secrets: [],
    names: ['zebulon', 'sanderling'],
  },
  {
    line: `2026-03-02 10:11:12.123 7 ERROR nova.virt.libvirt [-] Command failed\nStdout: password: dunlin\nStderr: token=sanderling`,
    secrets: ['dunlin', 'sanderling'],
  },
  { line: 'completely foreign text: margaret says the pass-word is dunlin', secrets: [], plain: ['dunlin'], names: ['margaret'] },
  { line: 'DUNLIN margaret Zebulon WELCOME', secrets: [], plain: ['dunlin'], names: ['margaret', 'zebulon'] },
];
