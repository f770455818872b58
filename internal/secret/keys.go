package secret

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Keys are the keys of a bank: those that seal, of which one is primary and the
// others open what is older, and the one of the blind index. They never change;
// [Keys.Added] and [Keys.PrimaryOnly] give others.
type Keys struct {
	sealing, blinding *keyset.Handle
	aead              tink.AEAD
	index             *prf.Set
	ids               []uint32
	primary           uint32
}

// NewKeys makes a first set.
func NewKeys() (*Keys, error) {
	sealing, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	blinding, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return nil, err
	}
	return newKeys(sealing, blinding)
}

func newKeys(sealing, blinding *keyset.Handle) (*Keys, error) {
	primitive, err := aead.New(sealing)
	if err != nil {
		return nil, err
	}
	index, err := prf.NewPRFSet(blinding)
	if err != nil {
		return nil, err
	}
	info := sealing.KeysetInfo()
	k := &Keys{sealing: sealing, blinding: blinding, aead: primitive, index: index, primary: info.GetPrimaryKeyId()}
	for _, key := range info.GetKeyInfo() {
		k.ids = append(k.ids, key.GetKeyId())
	}
	return k, nil
}

// Names of what is wrapped: neither set opens in the place of the other.
const (
	sealingSet  = "creditbank/sealing"
	blindingSet = "creditbank/blinding"
)

// Wrap gives the set, sealed with the master key, as it is stored.
func (k *Keys) Wrap(m *Master) ([]byte, error) {
	sealing, err := wrap(m, k.sealing, sealingSet)
	if err != nil {
		return nil, err
	}
	blinding, err := wrap(m, k.blinding, blindingSet)
	if err != nil {
		return nil, err
	}
	out := binary.BigEndian.AppendUint32(nil, uint32(len(sealing)))
	return append(append(out, sealing...), blinding...), nil
}

func wrap(m *Master, handle *keyset.Handle, name string) ([]byte, error) {
	var out bytes.Buffer
	err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&out), m.aead, []byte(name))
	return out.Bytes(), err
}

// Unwrap reads what Wrap gave. It promises ErrOtherMaster.
func Unwrap(m *Master, wrapped []byte) (*Keys, error) {
	if len(wrapped) < 4 || uint64(binary.BigEndian.Uint32(wrapped)) > uint64(len(wrapped)-4) {
		return nil, ErrOtherMaster
	}
	length := binary.BigEndian.Uint32(wrapped)
	sealing, err := unwrap(m, wrapped[4:4+length], sealingSet)
	if err != nil {
		return nil, ErrOtherMaster
	}
	blinding, err := unwrap(m, wrapped[4+length:], blindingSet)
	if err != nil {
		return nil, ErrOtherMaster
	}
	return newKeys(sealing, blinding)
}

func unwrap(m *Master, wrapped []byte, name string) (*keyset.Handle, error) {
	return keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(wrapped)), m.aead, []byte(name))
}

// IDs are the numbers of the keys that seal and open.
func (k *Keys) IDs() []uint32 { return slices.Clone(k.ids) }

// Primary is the number of the key that seals.
func (k *Keys) Primary() uint32 { return k.primary }

// Has says whether the set holds the key of a number.
func (k *Keys) Has(id uint32) bool { return slices.Contains(k.ids, id) }

// Added is the set with a new primary key; what the others sealed still opens.
func (k *Keys) Added() (*Keys, error) {
	manager := keyset.NewManagerFromHandle(k.sealing)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	if err := manager.SetPrimary(id); err != nil {
		return nil, err
	}
	return k.with(manager)
}

// PrimaryOnly is the set without any other key than the primary one.
func (k *Keys) PrimaryOnly() (*Keys, error) {
	manager := keyset.NewManagerFromHandle(k.sealing)
	for _, id := range k.ids {
		if id == k.primary {
			continue
		}
		if err := manager.Delete(id); err != nil {
			return nil, err
		}
	}
	return k.with(manager)
}

func (k *Keys) with(manager *keyset.Manager) (*Keys, error) {
	sealing, err := manager.Handle()
	if err != nil {
		return nil, err
	}
	return newKeys(sealing, k.blinding)
}
