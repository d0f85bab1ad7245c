import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mock, test } from "node:test";
import { rootCertificates } from "node:tls";
import { authorities } from "../../node-config/values/certificates";

const endOf = (pem: string) => Date.parse(new X509Certificate(pem).validTo);
const byEnd = [...rootCertificates].sort((a, b) => endOf(a) - endOf(b));
const [first, last] = [byEnd[0] as string, byEnd.at(-1) as string];
const day = 86_400_000;

test("an authority whose certificate has ended is refused by name, and is no obstacle beside one that lasts", (t) => {
  t.after(() => mock.timers.reset());
  const at = (now: number, ...certificates: string[]) => {
    mock.timers.reset();
    mock.timers.enable({ apis: ["Date"], now });
    return authorities(certificates.join("\n"));
  };
  const ended = /^holds the certificate of .+, which ended on .+; name the one that follows it$/;
  assert.equal(at(endOf(first) - day, first), undefined);
  assert.match(at(endOf(first) + day, first) ?? "", ended);
  assert.equal(at(endOf(first) + day, first, last), undefined);
  assert.equal(at(endOf(first) + day, last, first), undefined);
  assert.match(at(endOf(last) + day, first, last) ?? "", ended);
});

test("what is no certificate, or holds a private key, is refused whatever stands beside it", () => {
  assert.match(authorities("") ?? "", /holds no certificate in PEM/);
  assert.match(authorities(`${last}\n-----BEGIN PRIVATE KEY-----`) ?? "", /holds a private key/);
  const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
  assert.match(authorities(`${last}\n${broken}`) ?? "", /can't be read/);
});
