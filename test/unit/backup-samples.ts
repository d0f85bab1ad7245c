/** Public keys of age whose private keys nobody has. */
export const recipients = [
  "age1al4tc4038ftjlvg4exg7xulnwza6qs0dvrgfvvcxu64vy2v6ug7q30ezfc",
  "age1lq5rze5xp674w8jk28l4389u3c4khtuf68ns4mm84y3jxpajpyjqat2gng",
] as const;

export const credentials = { accessKeyId: "kjerne", secretAccessKey: "only-in-tests" };

/** Backups to an S3 store, as somebody would set them. */
export const backup = () => ({
  to: { s3: { endpoint: "https://backup.eksempel.no", bucket: "etcd", region: "no-oslo-1", prefix: "oslo" } },
  recipients: [recipients[0] as string],
});
