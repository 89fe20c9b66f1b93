//go:build !js

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/seed8935e608/residua/web"
)

// A store keeps shares in a bbolt file. bbolt syncs the file before it acknowledges a write, and an interrupted write
// leaves the state before it.
//
//	shares:  ID                 → data
//	ends:    time, ID           → nothing; the time in big-endian seconds, so that the first to expire comes first
//	until:   ID                 → time
//	totals:  "bytes"            → sum of the lengths of all data
type store struct {
	db    *bbolt.DB
	limit int64 // of the sum of all data, in bytes
	now   func() time.Time
}

var (
	bucketShares = []byte("shares")
	bucketEnds   = []byte("ends")
	bucketUntil  = []byte("until")
	bucketTotals = []byte("totals")
	keyBytes     = []byte("bytes")
)

// errInUse means that another program has the file open.
var errInUse = errors.New("another server is using it")

// openStore opens or makes a store with at most limit bytes of shares. It drops expired ones.
func openStore(path string, limit int64) (*store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, bolterrors.ErrTimeout) {
		err = errInUse
	}
	if err != nil {
		return nil, fmt.Errorf("the file of shares %s cannot be opened: %w", path, err)
	}
	s := &store{db: db, limit: limit, now: time.Now}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketShares, bucketEnds, bucketUntil, bucketTotals} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return s.makeRoom(tx, 0)
	})
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("the file of shares %s cannot be written: %w", path, err)
	}
	return s, nil
}

func (s *store) Close() error { return s.db.Close() }

func (s *store) Get(_ context.Context, id string) (data []byte, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		until := tx.Bucket(bucketUntil).Get([]byte(id))
		if until == nil || !s.now().Before(timeOf(until)) {
			return web.ErrNoShare
		}
		data = bytes.Clone(tx.Bucket(bucketShares).Get([]byte(id))) // the memory belongs to bbolt
		return nil
	})
	return data, err
}

// Put stores data. To make room it drops the shares that expire first. Concurrent calls share a sync, and none is
// needed for a share that is stored until then already.
func (s *store) Put(_ context.Context, id string, data []byte, until time.Time) (fresh bool, err error) {
	if int64(len(data)) > s.limit {
		return false, fmt.Errorf("a share of %d bytes does not fit into a store of %d", len(data), s.limit)
	}
	known := false
	err = s.db.View(func(tx *bbolt.Tx) error {
		old := tx.Bucket(bucketUntil).Get([]byte(id))
		known = old != nil && timeOf(old).Equal(until) && s.now().Before(until)
		return nil
	})
	if err != nil || known {
		return false, err
	}
	err = s.db.Batch(func(tx *bbolt.Tx) error { // may run twice, so it only sets outer variables
		old := tx.Bucket(bucketUntil).Get([]byte(id))
		fresh = old == nil || !s.now().Before(timeOf(old))
		if old != nil {
			if err := s.drop(tx, bytes.Clone(old), []byte(id)); err != nil {
				return err
			}
		}
		if err := s.makeRoom(tx, int64(len(data))); err != nil {
			return err
		}
		end := binary.BigEndian.AppendUint64(nil, uint64(until.Unix()))
		return errors.Join(
			tx.Bucket(bucketShares).Put([]byte(id), data),
			tx.Bucket(bucketUntil).Put([]byte(id), end),
			tx.Bucket(bucketEnds).Put(append(end, id...), nil),
			addBytes(tx, int64(len(data))),
		)
	})
	return fresh, err
}

// makeRoom drops expired shares, and then those that expire first, until need bytes fit.
func (s *store) makeRoom(tx *bbolt.Tx, need int64) error {
	for {
		key, _ := tx.Bucket(bucketEnds).Cursor().First()
		if len(key) < 8 {
			return nil
		}
		if s.now().Before(timeOf(key)) && totalBytes(tx)+need <= s.limit {
			return nil
		}
		key = bytes.Clone(key) // the key is in bbolt's memory, which drop changes
		if err := s.drop(tx, key[:8], key[8:]); err != nil {
			return err
		}
	}
}

// drop deletes the share id that expires at end.
func (s *store) drop(tx *bbolt.Tx, end, id []byte) error {
	size := len(tx.Bucket(bucketShares).Get(id))
	return errors.Join(
		tx.Bucket(bucketShares).Delete(id),
		tx.Bucket(bucketUntil).Delete(id),
		tx.Bucket(bucketEnds).Delete(bytes.Join([][]byte{end, id}, nil)),
		addBytes(tx, -int64(size)),
	)
}

func totalBytes(tx *bbolt.Tx) int64 {
	total := tx.Bucket(bucketTotals).Get(keyBytes)
	if total == nil {
		return 0
	}
	return int64(binary.BigEndian.Uint64(total))
}

func addBytes(tx *bbolt.Tx, n int64) error {
	return tx.Bucket(bucketTotals).Put(keyBytes, binary.BigEndian.AppendUint64(nil, uint64(totalBytes(tx)+n)))
}

// timeOf reads the time at the beginning of a key or value.
func timeOf(b []byte) time.Time { return time.Unix(int64(binary.BigEndian.Uint64(b)), 0) }
