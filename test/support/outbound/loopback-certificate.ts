/**
 * A self-signed certificate for servers of the tests: gateway.test, crm.test, proxy.test and loopback. Clients have to trust it explicitly.
 * The private key protects nothing.
 */
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

export const loopbackKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWinveq7BlikVrg0Y
Jn/wSiL66EPagM2VVYxy1uOkxcuhRANCAAQPZrh0KiyxrMUxg6gUDppKULKYLJY2
XN3P4eh8QKwjlfWgCv7nqqNWH1KM4y4y0pGbZrvIcXbri+9wo+qD8kGy
-----END PRIVATE KEY-----
`
export const loopbackCertificate = `-----BEGIN CERTIFICATE-----
MIIB2TCCAX+gAwIBAgIUX54AqiyKb4ZBzSxEhiRbNDKS0fcwCgYIKoZIzj0EAwIw
IDEeMBwGA1UEAwwVbG9vcGJhY2sgb2YgdGhlIHRlc3RzMCAXDTI2MTEyODAxMjI0
OVoYDzIxMjYxMTA0MDEyMjQ5WjAgMR4wHAYDVQQDDBVsb29wYmFjayBvZiB0aGUg
dGVzdHMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQPZrh0KiyxrMUxg6gUDppK
ULKYLJY2XN3P4eh8QKwjlfWgCv7nqqNWH1KM4y4y0pGbZrvIcXbri+9wo+qD8kGy
o4GUMIGRMB0GA1UdDgQWBBQPIJ7poGqdAqCcLf3gUBKwoA7AXTAfBgNVHSMEGDAW
gBQPIJ7poGqdAqCcLf3gUBKwoA7AXTAPBgNVHRMBAf8EBTADAQH/MD4GA1UdEQQ3
MDWCDGdhdGV3YXkudGVzdIIIY3JtLnRlc3SCCnByb3h5LnRlc3SCCWxvY2FsaG9z
dIcEfwAAATAKBggqhkjOPQQDAgNIADBFAiEAxwEa6vWx+E1fDzL5hNlNWxbKvM1L
PE0eiVebtMn84KICICdpZp6gteNbM1FOyzUW8sxa6e4Xni5JX3xXJpZom8j1
-----END CERTIFICATE-----
`

/** As above, but it expired in 2020. */
export const expiredCertificate = `-----BEGIN CERTIFICATE-----
MIIBjTCCATOgAwIBAgIBATAKBggqhkjOPQQDAjAoMSYwJAYDVQQDDB1leHBpcmVk
IGxvb3BiYWNrIG9mIHRoZSB0ZXN0czAeFw0yMDAxMDEwMDAwMDBaFw0yMDAyMDEw
MDAwMDBaMCgxJjAkBgNVBAMMHWV4cGlyZWQgbG9vcGJhY2sgb2YgdGhlIHRlc3Rz
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAED2a4dCossazFMYOoFA6aSlCymCyW
Nlzdz+HofECsI5X1oAr+56qjVh9SjOMuMtKRm2a7yHF264vvcKPqg/JBsqNOMEww
DwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwHQYD
VR0OBBYEFA8gnumgap0CoJwt/eBQErCgDsBdMAoGCCqGSM49BAMCA0gAMEUCIALX
84yjQ1pOEUhaYriTVK8vI0WFsRXBWiyTv6uFQ0G7AiEAkFt6iPxYbOGsbIA0W+B6
jw1j9/dGTTz5XPv7W14Ll8g=
-----END CERTIFICATE-----
`

/** Makes this process trust both certificates, as NODE_EXTRA_CA_CERTS does for a new process. */
export const trustLoopbackCertificate = (): void =>
  setDefaultCACertificates([...getCACertificates('default'), loopbackCertificate, expiredCertificate])
