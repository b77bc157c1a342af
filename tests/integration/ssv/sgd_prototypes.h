/* The functions of SGD as programs of other people declare them, not as ours are written. */
#ifndef SGD_PROTOTYPES_H
#define SGD_PROTOTYPES_H

#include <stddef.h>

unsigned short SGD_ReserverSession(size_t, unsigned short *);
unsigned short SGD_RedimensionnerBuffer(unsigned short, size_t);
unsigned short SGD_LibererSession(unsigned short);
unsigned short SGD_AjouterGroupe(unsigned short, unsigned short);
unsigned short SGD_AjouterChamp(unsigned short, const char *);
unsigned short SGD_AjouterChampBin(unsigned short, const char *, size_t);
unsigned short SGD_AjouterChampFichier(unsigned short, const char *);
unsigned short SGD_LireGroupeSuivant(unsigned short, unsigned short, unsigned short, unsigned short *,
                                     unsigned short *);
unsigned short SGD_LireChamp(unsigned short, unsigned short, unsigned short, unsigned short, char *, size_t *);
unsigned short SGD_LireChampBin(unsigned short, unsigned short, unsigned short, unsigned short, char *, size_t *);
unsigned short SGD_LireChampFichier(unsigned short, unsigned short, unsigned short, unsigned short, const char *);
unsigned short SGD_InitTrace(const char *, const char *, unsigned short, unsigned char);

#endif
