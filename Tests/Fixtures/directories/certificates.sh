#!/usr/bin/env bash
# Makes authorities and certificates for the test directories.
#
#   certificates.sh FOLDER [ADDRESS]     ADDRESS is what the good certificate is for; 127.0.0.1 unless named
set -euo pipefail
folder=$1 address=${2:-127.0.0.1}
mkdir -p "$folder"
cd "$folder"
key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

authority() { # NAME SUBJECT
    openssl req -x509 "${key[@]}" -days 30 -subj "/CN=$2" -addext keyUsage=critical,keyCertSign,cRLSign \
        -keyout "$1.key" -out "$1.pem" 2>/dev/null
}
certificate() { # NAME SUBJECT ALTERNATIVE-NAME DAYS
    openssl req "${key[@]}" -subj "/CN=$2" -keyout "$1.key" -out "$1.csr" 2>/dev/null
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$4" -out "$1.pem" \
        -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$3") 2>/dev/null
}

authority ca "Test directory authority"
authority otherca "Another authority"
certificate server "ldap server" "DNS:localhost,DNS:dc1.ad.example.test,IP:$address" 30
certificate wrongname "ldap server elsewhere" DNS:ldap.elsewhere.test 30
certificate expired "ldap server of yesterday" "IP:$address" -1
certificate client xo-service DNS:client.test 30
chmod 600 ./*.key
