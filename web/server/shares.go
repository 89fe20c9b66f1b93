//go:build !js

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// stateFile is the default file of the shares: in the folder where this system keeps data that programs must not lose,
// or "" if the user has no such folder.
func stateFile() string {
	folder := os.Getenv("XDG_STATE_HOME")
	if folder == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		folder = filepath.Join(home, ".local", "state")
		if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
			if folder, err = os.UserConfigDir(); err != nil {
				return ""
			}
		}
	}
	return filepath.Join(folder, "residua", "shares.db")
}

// openShares opens the store at path, and says in words, for the person who started the server, where it is. Without a
// path the store is a temporary file that is deleted with the server. The same happens if path is the default and
// another server uses it.
func openShares(path string, byDefault bool, room int64) (s closing, where string, err error) {
	why := ""
	if path != "" {
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			var kept *store
			if kept, err = openStore(path, room); err == nil {
				return closing{store: kept}, "Shares are kept in " + path, nil
			}
		}
		if !byDefault {
			return closing{}, "", err
		}
		why = fmt.Sprintf(": %v. -shares FILE names another", err)
	}
	folder, err := os.MkdirTemp("", "residua-shares-")
	if err != nil {
		return closing{}, "", err
	}
	kept, err := openStore(filepath.Join(folder, "shares.db"), room)
	if err != nil {
		return closing{}, "", errors.Join(err, os.RemoveAll(folder))
	}
	return closing{kept, folder}, "Shares are kept until this server ends" + why, nil
}

// closing is a store that deletes its folder when it is closed.
type closing struct {
	*store
	folder string // or "", to delete none
}

func (c closing) Close() error {
	err := c.store.Close()
	if c.folder != "" {
		err = errors.Join(err, os.RemoveAll(c.folder))
	}
	return err
}
